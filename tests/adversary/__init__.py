"""What somebody who has read the source would try: functions, and tricks for their gradients."""
