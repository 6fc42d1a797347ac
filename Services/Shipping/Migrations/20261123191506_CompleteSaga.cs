using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Shop.Shipping.Migrations
{
    /// <inheritdoc />
    public partial class CompleteSaga : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "tracking_number",
                table: "shipments");

            migrationBuilder.AlterColumn<string>(
                name: "address",
                table: "shipments",
                type: "jsonb",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "jsonb");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "address",
                table: "shipments",
                type: "jsonb",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "jsonb",
                oldNullable: true);

            migrationBuilder.AddColumn<string>(
                name: "tracking_number",
                table: "shipments",
                type: "text",
                nullable: false,
                defaultValue: "");
        }
    }
}
