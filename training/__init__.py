"""Make the default model: draw images, train tokenizer, VAE, UNet and text encoder, evaluate, export."""
