namespace ZeroI2V.Lab.Adapters;

/// <summary>What of the image model trains. What an adaptation adds, and the head, always train.</summary>
public enum BackboneTuning
{
    /// <summary>Only the norm behind the blocks, as ZeroI2V and AIM do.</summary>
    LastNorm,

    /// <summary>Nothing, as linear probes, LoRA and ST-Adapter do.</summary>
    None,

    /// <summary>Everything: full fine-tuning.</summary>
    Full,
}
