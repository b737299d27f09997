"""How the tensors of a network are named in files of different origin, and how to make diffusers' tensors from them."""
