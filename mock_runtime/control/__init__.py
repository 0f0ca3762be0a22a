"""The control plane: `/_mock/`, where tests and people steer a fake that is running."""

from mock_runtime.control.routes import control_surface

__all__ = ["control_surface"]
