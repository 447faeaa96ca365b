using System.Globalization;
using System.Text;
using Gradwright.Data;

namespace Gradwright.Examples.Tabular;

/// <summary>A made-up table of flats: numbers, a category, a yes or no, missing values, and a rent that no straight line describes.</summary>
internal static class Flats
{
    private const int Rows = 4000;
    private const double MissingShare = 0.02;
    private static readonly string[] Districts = ["harbour", "old town", "hills", "station", "university"];
    private static readonly double[] PerSquareMetre = [14, 16, 12, 9, 11];

    public static CsvTable Create(ulong seed)
    {
        Generator random = new Generator(seed).Fork("flats");
        StringBuilder text = new("area,rooms,floor,lift,built,minutes to centre,district,rent\n");
        for (int i = 0; i < Rows; i++)
        {
            int district = (int)random.Next(Districts.Length), floor = (int)random.Next(9), built = 1890 + (int)random.Next(135);
            double area = 25 + 120 * random.NextDouble(), minutes = 2 + 45 * random.NextDouble();
            int rooms = Math.Clamp((int)Math.Round(area / 28 + random.NextDouble() - 0.5), 1, 6);
            bool lift = random.NextDouble() < 0.5;
            double climb = lift ? 1 + 0.02 * floor : 1 - 0.04 * floor;                      // a view is worth something, stairs cost
            double age = 1 + 0.25 * Math.Pow((built - 1960) / 65.0, 2);                     // stucco and new buildings are dear, the sixties are not
            double rent = area * PerSquareMetre[district] * climb * age * Math.Exp(-minutes / 60) * (0.95 + 0.1 * random.NextDouble());
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{area:0.0},{rooms},{floor},{(lift ? "yes" : "no")},{(random.NextDouble() < MissingShare ? "" : $"{built}")},{minutes:0},{Districts[district]},{rent:0}");
        }

        return CsvTable.Read(new StringReader(text.ToString()), "flats");
    }
}
