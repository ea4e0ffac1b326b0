"""Stand-ins for what lies beyond our borders."""
