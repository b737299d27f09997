"""The cache of results: keys, the index, the store on disk, and forecasts."""
