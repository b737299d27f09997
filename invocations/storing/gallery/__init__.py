"""The gallery: the images that lines have made and the images that users have sent, listed and searched."""
