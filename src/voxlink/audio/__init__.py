"""Sound as numbers: media files become 48 kHz stereo blocks or untouched Opus packets, blocks become Opus."""
