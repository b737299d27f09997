"""The images that lines on a server may name: the image service, sizes and targets without files."""
