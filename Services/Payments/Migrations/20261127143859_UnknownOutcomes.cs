using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Shop.Payments.Migrations
{
    /// <inheritdoc />
    public partial class UnknownOutcomes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameColumn(
                name: "declined",
                table: "provider_charges",
                newName: "reason");

            migrationBuilder.AddColumn<decimal>(
                name: "amount",
                table: "provider_charges",
                type: "numeric(18,2)",
                precision: 18,
                scale: 2,
                nullable: false,
                defaultValue: 0m);

            migrationBuilder.AddColumn<int>(
                name: "calls",
                table: "provider_charges",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "status",
                table: "provider_charges",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "webhook_attempts",
                table: "provider_charges",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "webhook_due_at",
                table: "provider_charges",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "attempts",
                table: "payments",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "inquiries",
                table: "payments",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "payment_method",
                table: "payments",
                type: "text",
                nullable: false,
                defaultValue: "");

            // What the ledger of an earlier version says.
            migrationBuilder.Sql(
                """
                UPDATE provider_charges
                SET amount = captured,
                    status = CASE WHEN captured > 0 THEN 'Captured' WHEN reason = 'Voided' THEN 'Voided' ELSE 'Declined' END
                """);

            migrationBuilder.CreateIndex(
                name: "ix_provider_charges_webhook_due_at",
                table: "provider_charges",
                column: "webhook_due_at",
                filter: "webhook_due_at IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_provider_charges_webhook_due_at",
                table: "provider_charges");

            migrationBuilder.DropColumn(
                name: "amount",
                table: "provider_charges");

            migrationBuilder.DropColumn(
                name: "calls",
                table: "provider_charges");

            migrationBuilder.DropColumn(
                name: "status",
                table: "provider_charges");

            migrationBuilder.DropColumn(
                name: "webhook_attempts",
                table: "provider_charges");

            migrationBuilder.DropColumn(
                name: "webhook_due_at",
                table: "provider_charges");

            migrationBuilder.DropColumn(
                name: "attempts",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "inquiries",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "payment_method",
                table: "payments");

            migrationBuilder.RenameColumn(
                name: "reason",
                table: "provider_charges",
                newName: "declined");
        }
    }
}
