"""What Zhibao costs: measured beside a bare application on the same machine in the same run, never asserted."""
