"""The result cache: keys, the index, the store on disk, and forecasts of what a run would reuse."""
