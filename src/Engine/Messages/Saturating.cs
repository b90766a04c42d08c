namespace Cluster.Engine.Messages;

/// <summary>Sums that stay at the largest or smallest number instead of overflowing: what providers claim to have counted must not end runs or hide sessions.</summary>
internal static class Saturating
{
    /// <summary>Adds two counts.</summary>
    /// <param name="left">One, not negative.</param>
    /// <param name="right">The other, not negative.</param>
    /// <returns>The sum, or the largest number.</returns>
    public static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    /// <summary>Adds two amounts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum, or the largest or smallest number.</returns>
    public static decimal Add(decimal left, decimal right)
    {
        try
        {
            return left + right;
        }
        catch (OverflowException)
        {
            return left > 0 ? decimal.MaxValue : decimal.MinValue;
        }
    }

    /// <summary>Multiplies two amounts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The product, or the largest or smallest number.</returns>
    public static decimal Multiply(decimal left, decimal right)
    {
        try
        {
            return left * right;
        }
        catch (OverflowException)
        {
            return left > 0 == right > 0 ? decimal.MaxValue : decimal.MinValue;
        }
    }
}
