"""Results kept by the content they came from: keys, index, local store, forecast."""
