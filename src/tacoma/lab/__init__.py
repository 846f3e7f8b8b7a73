"""The lab: run scenarios, make runs again, and look at the machine they run on."""
