"""Evaluation: CodeBLEU, pass rate, T-Eval and the leaderboard."""
