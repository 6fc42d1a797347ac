namespace Shop.Contracts;

/// <summary>
/// Who must get what: every message type with the queues of its consumers. Publishers declare these queues before they publish, so that
/// no message is lost because its consumer has never run; a test holds the table against the consumers of all services.
/// </summary>
public static class MessageRoutes
{
    private const string OrderSaga = "order-state";

    /// <summary>Queues by message type.</summary>
    public static IReadOnlyDictionary<Type, string[]> Queues { get; } = new Dictionary<Type, string[]>
    {
        [typeof(OrderSubmitted)] = [OrderSaga],
        [typeof(CancelOrder)] = [OrderSaga],
        [typeof(OrderConfirmed)] = ["notify-order-confirmed"],
        [typeof(OrderShipped)] = ["notify-order-shipped"],
        [typeof(OrderDelivered)] = ["notify-order-delivered"],
        [typeof(OrderCancelled)] = ["notify-order-cancelled"],

        [typeof(UserDeleted)] = ["erase-notifications-of-user", "erase-orders-of-user"],
        [typeof(NotificationPreferencesChanged)] = ["keep-preferences"],
        [typeof(OrderAddressErased)] = ["erase-payment-method", "erase-shipment-address"],

        [typeof(ProductCreated)] = ["add-to-stock"],

        [typeof(ReserveStock)] = ["reserve-stock"],
        [typeof(StockReserved)] = [OrderSaga],
        [typeof(StockReservationFailed)] = [OrderSaga],
        [typeof(CommitStock)] = ["commit-stock"],
        [typeof(StockCommitted)] = [OrderSaga],
        [typeof(StockCommitFailed)] = [OrderSaga],
        [typeof(ReleaseStock)] = ["release-stock"],
        [typeof(StockReleased)] = [OrderSaga],
        [typeof(ProductAvailabilityChanged)] = ["update-availability"],

        [typeof(CapturePayment)] = ["capture-payment"],
        [typeof(PaymentCaptured)] = [OrderSaga],
        [typeof(PaymentFailed)] = [OrderSaga],
        [typeof(InquirePayment)] = ["inquire-payment"],
        [typeof(RefundPayment)] = ["refund-payment"],
        [typeof(PaymentRefunded)] = [OrderSaga],

        [typeof(CreateShipment)] = ["create-shipment"],
        [typeof(ShipmentCreated)] = [OrderSaga],
        [typeof(ShipmentFailed)] = [OrderSaga],
        [typeof(ShipmentDispatched)] = [OrderSaga],
        [typeof(ShipmentDelivered)] = [OrderSaga],
        [typeof(CancelShipment)] = ["cancel-shipment"],
        [typeof(ShipmentCancelled)] = [OrderSaga],
        [typeof(ShipmentCancelRefused)] = [OrderSaga],
    };
}
