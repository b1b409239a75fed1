"""The demonstration year and the simulator: both use Liaison as anybody may, through its public interfaces."""
