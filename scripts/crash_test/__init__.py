"""What scripts/crash-test is made of; see there."""
