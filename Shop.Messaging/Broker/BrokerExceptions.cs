namespace Shop.Messaging.Broker;

/// <summary>The broker cannot be reached now; no fault of the message.</summary>
internal sealed class BrokerUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The broker is there but does not take this message, such as one that no queue would get.</summary>
internal sealed class UndeliverableMessageException(string message, Exception? innerException = null) : Exception(message, innerException);
