"""Everything Synapscope ships that is not code: data sets, example projects, icons, translations."""
