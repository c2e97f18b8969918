"""Where a job that needs a GPU runs: processes of this machine, a Kubernetes pod, or a Ray job."""
