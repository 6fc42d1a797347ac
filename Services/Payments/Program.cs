using Shop.Orders.Grpc;
using Shop.Payments;
using Shop.Payments.Provider;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.Services.RequireConfiguration("ConnectionStrings:paymentsdb", "ConnectionStrings:messaging");
builder.Services.AddOptions<PaymentProviderOptions>().BindConfiguration("Provider").ValidateDataAnnotations().ValidateOnStart();
builder.AddServiceDatabase<PaymentsDbContext>("paymentsdb");
builder.AddMessaging<PaymentsDbContext>("messaging", MessageRoutes.Queues);
builder.Services.AddSingleton<SimulatedPaymentProvider>();
builder.Services.AddSingleton<IPaymentProvider>(services =>
    ActivatorUtilities.CreateInstance<ResilientPaymentProvider>(services, services.GetRequiredService<SimulatedPaymentProvider>()));
builder.Services.AddHostedService<SimulatedProviderWebhooks>();
builder.Services.AddQueryClient<OrderService.OrderServiceClient>("orders");
builder.Services.AddScoped<OrderPayments>();
builder.Services.AddScoped<PaymentAnswers>();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapMessagingStatus().RequireAdmin();
app.MapPayments();
app.MapPaymentWebhooks();
app.Run();
