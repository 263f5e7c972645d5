"""What every computation shares: effort, random streams, memory, progress, processes and the machine."""
