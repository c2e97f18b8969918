"""The leaderboard: models under test beside the published ones, as rows, plots and a page."""
