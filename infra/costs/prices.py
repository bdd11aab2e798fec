"""List prices of AWS in us-east-1 and of Pinecone, US dollars, on 22 November 2026. Free tiers are left out.

Lambda (arm64)        https://aws.amazon.com/lambda/pricing/
SQS                   https://aws.amazon.com/sqs/pricing/
Step Functions        https://aws.amazon.com/step-functions/pricing/
S3                    https://aws.amazon.com/s3/pricing/
CloudWatch, X-Ray     https://aws.amazon.com/cloudwatch/pricing/
API Gateway           https://aws.amazon.com/api-gateway/pricing/
Secrets Manager       https://aws.amazon.com/secrets-manager/pricing/
NAT gateway           https://aws.amazon.com/vpc/pricing/
Pinecone              https://docs.pinecone.io/guides/organizations/manage-cost/understanding-cost

Prices of models stand in census.domain.prices, where the application itself counts with them.
"""

from decimal import Decimal

MILLION = Decimal(1_000_000)

LAMBDA_GB_SECOND = Decimal("0.0000133334")
LAMBDA_REQUEST = Decimal("0.20") / MILLION
SQS_REQUEST = Decimal("0.40") / MILLION
STATE_TRANSITION = Decimal("25") / MILLION
S3_GB_MONTH = Decimal("0.023")
S3_PUT = Decimal("5") / MILLION
S3_GET = Decimal("0.40") / MILLION
LOG_GB = Decimal("0.50")
LOG_GB_MONTH = Decimal("0.03")
METRIC_MONTH = Decimal("0.30")
ALARM_METRIC_MONTH = Decimal("0.10")
DASHBOARD_MONTH = Decimal("3")
TRACE = Decimal("5") / MILLION
API_REQUEST = Decimal("1") / MILLION
SECRET_MONTH = Decimal("0.40")
SECRET_READ = Decimal("5") / MILLION
NAT_HOUR = Decimal("0.045")
NAT_GB = Decimal("0.045")
PINECONE_MINIMUM_MONTH = Decimal("50")
PINECONE_GB_MONTH = Decimal("0.33")
"""A rate of the Standard plan; what is used counts towards the minimum."""

HOURS_A_MONTH = 730
