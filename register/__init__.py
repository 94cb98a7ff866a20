"""Who is asked (名录库): regions, units, and the seats that review them."""
