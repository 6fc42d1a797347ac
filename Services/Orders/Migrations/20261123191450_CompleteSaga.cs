using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Shop.Orders.Migrations
{
    /// <inheritdoc />
    public partial class CompleteSaga : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "pending_reason",
                table: "order_sagas",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "repeats",
                table: "order_sagas",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<Guid>(
                name: "timeout_token",
                table: "order_sagas",
                type: "uuid",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "pending_reason",
                table: "order_sagas");

            migrationBuilder.DropColumn(
                name: "repeats",
                table: "order_sagas");

            migrationBuilder.DropColumn(
                name: "timeout_token",
                table: "order_sagas");
        }
    }
}
