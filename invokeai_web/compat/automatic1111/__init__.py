"""The part of AUTOMATIC1111's `/sdapi/v1` that its clients use most."""
