"""How the default model is made: drawing, tokenizer, VAE, UNet and text encoder, evaluation, export."""
