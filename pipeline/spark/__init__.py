"""A run on a Spark cluster: the kernels of one machine, run on many (`docs/scaling.md`)."""
