"""Why does my Python process grow?"""
