namespace ZeroI2V.Lab.Tests.Notebooks;

/// <summary>The kernel as real clients see it: programs that others wrote, from Debian.</summary>
public sealed class KernelClientTests
{
    [Fact]
    public async Task The_kernels_conformance_suite_passes()
    {
        using JupyterClients clients = await JupyterClients.WithAsync("jupyter_kernel_test");
        await clients.PythonAsync(JupyterClients.Client("conformance.py"));
    }

    [Fact]
    public async Task A_session_goes_as_clients_expect_through_output_errors_interrupts_and_ends()
    {
        using JupyterClients clients = await JupyterClients.WithAsync("jupyter_client", "zmq");
        await clients.PythonAsync(JupyterClients.Client("session.py"));
    }
}
