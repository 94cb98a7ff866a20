"""The example years (`zhibao demo`): printed figures and synthetic enterprises, filed as any other."""
