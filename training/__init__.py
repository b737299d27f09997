"""Make the default model: drawing, tokenizer, VAE, UNet and text encoder, evaluation, export."""
