"""The processes of `voice_pacing`: who sends, who receives, who is busy, and how well this machine can sleep at all."""
