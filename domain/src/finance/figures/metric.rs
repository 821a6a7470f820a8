//! The table of figures: their ids, units, bases and names.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Language;

/// What a figure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Minor units of the shop's currency.
    Money,
    /// A ratio, published with six decimals.
    Ratio,
    /// A whole number.
    Count,
    /// Days, published with six decimals.
    Days,
    /// Months, published with six decimals.
    Months,
}

/// When things count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// On the day the shop booked them.
    Booked,
    /// Prepaid when paid, cash on delivery when delivered.
    Realised,
    /// On the day money moved.
    Cash,
    /// On the day the parcel left, with its outcome by now.
    Parcels,
    /// As it stands at `as_of`.
    Balance,
}

macro_rules! metrics {
    ($($name:ident $id:literal $unit:ident $basis:ident $es:literal $pt:literal $en:literal;)*) => {
        /// A figure. Its definition is in docs/finance.md.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the table says it")]
        pub enum Metric { $($name,)* }

        impl Metric {
            /// All of them, in the order of docs/finance.md.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its id, which never changes.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
            /// What it is counted in.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)* }
            }
            /// When things count for it.
            pub const fn basis(self) -> Basis {
                match self { $(Self::$name => Basis::$basis,)* }
            }
            /// What people call it.
            pub const fn name(self, language: Language) -> &'static str {
                match self {
                    $(Self::$name => match language {
                        Language::Es => $es,
                        Language::Pt => $pt,
                        Language::En => $en,
                    },)*
                }
            }
        }
    };
}

impl Metric {
    /// The version of its definition; a change of meaning changes it.
    pub const fn version(self) -> u32 {
        1
    }
    /// The figure of an id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.id() == id)
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = Cow::<str>::deserialize(deserializer)?;
        Self::of_id(&id).ok_or_else(|| serde::de::Error::custom("the id of no figure"))
    }
}

metrics! {
    BookedGrossSales "booked.gross_sales" Money Booked "ventas brutas" "vendas brutas" "gross sales";
    BookedDiscounts "booked.discounts" Money Booked "descuentos" "descontos" "discounts";
    BookedReturns "booked.returns" Money Booked "devoluciones y reversos" "devoluções" "returns";
    BookedNetSales "booked.net_sales" Money Booked "ventas netas" "vendas líquidas" "net sales";
    BookedShippingRevenue "booked.shipping_revenue" Money Booked "envío cobrado" "frete cobrado" "shipping charged";
    BookedTaxes "booked.taxes" Money Booked "IVA cobrado" "impostos cobrados" "VAT charged";
    BookedNetRevenue "booked.net_revenue" Money Booked "ingreso neto" "receita líquida" "net revenue";
    BookedTotalSales "booked.total_sales" Money Booked "ventas totales" "vendas totais" "total sales";
    BookedUnitsSold "booked.units_sold" Count Booked "unidades" "unidades" "units";
    BookedUnitsReturned "booked.units_returned" Count Booked "unidades devueltas" "unidades devolvidas" "units returned";
    RealisedGrossSales "realised.gross_sales" Money Realised "ventas brutas efectivas" "vendas brutas efetivas" "realised gross sales";
    RealisedDiscounts "realised.discounts" Money Realised "descuentos efectivos" "descontos efetivos" "realised discounts";
    RealisedReturns "realised.returns" Money Realised "devoluciones efectivas" "devoluções efetivas" "realised returns";
    RealisedNetSales "realised.net_sales" Money Realised "ventas netas efectivas" "vendas líquidas efetivas" "realised net sales";
    RealisedShippingRevenue "realised.shipping_revenue" Money Realised "envío cobrado efectivo" "frete cobrado efetivo" "realised shipping charged";
    RealisedTaxes "realised.taxes" Money Realised "IVA cobrado efectivo" "impostos cobrados efetivos" "realised VAT charged";
    RealisedNetRevenue "realised.net_revenue" Money Realised "ingreso neto efectivo" "receita líquida efetiva" "realised net revenue";
    RealisedTotalSales "realised.total_sales" Money Realised "ventas totales efectivas" "vendas totais efetivas" "realised total sales";
    RealisedUnitsSold "realised.units_sold" Count Realised "unidades efectivas" "unidades efetivas" "realised units";
    RealisedUnitsReturned "realised.units_returned" Count Realised "unidades efectivas devueltas" "unidades efetivas devolvidas" "realised units returned";
    Orders "orders" Count Booked "pedidos" "pedidos" "orders";
    OrdersCancelled "orders_cancelled" Count Booked "pedidos cancelados" "pedidos cancelados" "cancelled orders";
    RealisedOrders "realised_orders" Count Realised "pedidos efectivos" "pedidos efetivos" "realised orders";
    Aov "aov" Money Booked "ticket promedio" "ticket médio" "average order value";
    DiscountRate "discount_rate" Ratio Booked "% de descuento" "% de desconto" "discount rate";
    ReturnRate "return_rate" Ratio Booked "% de devolución" "% de devolução" "return rate";
    RefundsPaid "refunds_paid" Money Cash "reembolsos pagados" "reembolsos pagos" "refunds paid";
    GiftCardsSold "gift_cards_sold" Money Booked "tarjetas regalo vendidas" "vales-presente vendidos" "gift cards sold";
    Growth "growth" Ratio Booked "crecimiento" "crescimento" "growth";
    MonthEndProjection "month_end_projection" Money Balance "proyección de cierre" "projeção" "month-end projection";
    Cogs "cogs" Money Realised "costo de lo vendido" "CMV" "cost of goods";
    CostCoverage "cost_coverage" Ratio Realised "cobertura de costos" "cobertura de custos" "cost coverage";
    GrossProfit "gross_profit" Money Realised "utilidad bruta" "lucro bruto" "gross profit";
    GrossMargin "gross_margin" Ratio Realised "margen bruto" "margem bruta" "gross margin";
    Cm1 "cm1" Money Realised "margen de producto" "margem de produto" "product margin";
    FreightOut "freight_out" Money Realised "fletes de envío" "fretes de envio" "freight out";
    FreightReturn "freight_return" Money Realised "fletes de devolución" "fretes de devolução" "freight back";
    CodFees "cod_fees" Money Realised "comisión de recaudo" "taxa de cobrança na entrega" "collection fees";
    Compensation "compensation" Money Realised "indemnizaciones" "indenizações" "compensations";
    VariableExpenses "variable_expenses" Money Realised "gastos variables" "despesas variáveis" "variable expenses";
    Fulfilment "fulfilment" Money Realised "costo logístico" "custo logístico" "fulfilment";
    InventoryLosses "inventory_losses" Money Realised "mercancía perdida" "perdas" "write-offs";
    PaymentFees "payment_fees" Money Realised "comisiones" "taxas" "payment fees";
    Chargebacks "chargebacks" Money Realised "contracargos" "chargebacks" "chargebacks";
    Cm2 "cm2" Money Realised "margen de contribución" "margem de contribuição" "contribution";
    AdSpend "ad_spend" Money Realised "pauta" "mídia" "ad spend";
    Marketing "marketing" Money Realised "mercadeo" "marketing" "marketing";
    Cm3 "cm3" Money Realised "margen después de pauta" "margem após mídia" "margin after ads";
    FixedExpenses "fixed_expenses" Money Realised "gastos fijos" "despesas fixas" "fixed expenses";
    OperatingProfit "operating_profit" Money Realised "utilidad operativa" "lucro operacional" "operating profit";
    Cm1Pct "cm1_pct" Ratio Realised "% de margen de producto" "% de margem de produto" "product margin rate";
    Cm2Pct "cm2_pct" Ratio Realised "% de contribución" "% de contribuição" "contribution rate";
    Cm3Pct "cm3_pct" Ratio Realised "% después de pauta" "% após mídia" "margin rate after ads";
    OperatingMargin "operating_margin" Ratio Realised "margen operativo" "margem operacional" "operating margin";
    Cm2PerOrder "cm2_per_order" Money Realised "contribución por pedido" "contribuição por pedido" "contribution per order";
    Cm3PerOrder "cm3_per_order" Money Realised "ganancia por pedido" "ganho por pedido" "margin per order after ads";
    BreakevenRevenue "breakeven_revenue" Money Realised "punto de equilibrio" "ponto de equilíbrio" "break-even";
    BreakevenOrders "breakeven_orders" Count Realised "pedidos para no perder" "pedidos para empatar" "break-even orders";
    MarginOfSafety "margin_of_safety" Ratio Realised "margen de seguridad" "margem de segurança" "margin of safety";
    OperatingLeverage "operating_leverage" Ratio Realised "apalancamiento operativo" "alavancagem operacional" "operating leverage";
    BlendedRoas "blended_roas" Ratio Booked "ROAS general" "ROAS" "blended ROAS";
    Mer "mer" Ratio Realised "eficiencia de mercadeo" "eficiência de marketing" "marketing efficiency";
    AdRatio "ad_ratio" Ratio Realised "% de pauta" "% de mídia" "ad ratio";
    ContributionRoas "contribution_roas" Ratio Realised "contribución por peso de pauta" "contribuição por real de mídia" "contribution ROAS";
    BreakevenRoas "breakeven_roas" Ratio Realised "ROAS mínimo" "ROAS de equilíbrio" "break-even ROAS";
    NewCustomers "new_customers" Count Realised "clientes nuevos" "clientes novos" "new customers";
    ActiveCustomers "active_customers" Count Realised "clientes activos" "clientes ativos" "active customers";
    Cac "cac" Money Realised "costo por cliente nuevo" "CAC" "acquisition cost";
    FirstOrderContribution "first_order_contribution" Money Realised "contribución de la primera compra" "contribuição da primeira compra" "first-order contribution";
    PaybackRatio "payback_ratio" Ratio Realised "recuperación de la pauta" "retorno da mídia" "payback ratio";
    ReturningCustomerRate "returning_customer_rate" Ratio Realised "clientes que vuelven" "recompra" "returning customers";
    RuleOf40 "rule_of_40" Ratio Realised "regla del 40" "regra dos 40" "rule of 40";
    BurnMultiple "burn_multiple" Ratio Realised "múltiplo de quema" "burn multiple" "burn multiple";
    Withheld "withheld" Money Cash "retenciones" "retido" "withheld";
    InputVat "input_vat" Money Realised "IVA descontable" "crédito de imposto" "input VAT";
    VatSetAside "vat_set_aside" Money Realised "IVA por apartar" "imposto a separar" "VAT to keep";
    CashPayouts "cash.payouts" Money Cash "pagos de pasarelas" "repasses de gateways" "gateway payouts";
    CashRemittances "cash.remittances" Money Cash "recaudo pagado" "repasses de transportadoras" "carrier remittances";
    CashInvoices "cash.invoices" Money Cash "facturas cobradas" "faturas recebidas" "invoices collected";
    CashCarriers "cash.carriers" Money Cash "pagos a transportadoras" "pagamentos a transportadoras" "paid to carriers";
    CashAds "cash.ads" Money Cash "pagos de pauta" "pagamentos de mídia" "paid for ads";
    CashExpenses "cash.expenses" Money Cash "gastos pagados" "despesas pagas" "expenses paid";
    CashSuppliers "cash.suppliers" Money Cash "pagos a proveedores" "pagamentos a fornecedores" "paid to suppliers";
    CashTaxes "cash.taxes" Money Cash "impuestos pagados" "impostos pagos" "taxes paid";
    CashCapex "cash.capex" Money Cash "equipos" "equipamentos" "equipment";
    CashFinancing "cash.financing" Money Cash "préstamos" "empréstimos" "loans";
    CashOwner "cash.owner" Money Cash "retiros y aportes" "retiradas e aportes" "owner's money";
    CashOperating "cash.operating" Money Cash "flujo de caja operativo" "fluxo de caixa operacional" "operating cash flow";
    CashNet "cash.net" Money Cash "flujo de caja neto" "fluxo de caixa líquido" "net cash flow";
    CodPlaced "cod.placed" Count Parcels "generados" "gerados" "placed";
    CodConfirmed "cod.confirmed" Count Parcels "confirmados" "confirmados" "confirmed";
    CodConfirmationRate "cod.confirmation_rate" Ratio Parcels "% de confirmación" "% de confirmação" "confirmation rate";
    CodShipped "cod.shipped" Count Parcels "despachados" "despachados" "shipped";
    CodDelivered "cod.delivered" Count Parcels "entregados" "entregues" "delivered";
    CodReturned "cod.returned" Count Parcels "devueltos" "devolvidos" "returned";
    CodLost "cod.lost" Count Parcels "perdidos" "perdidos" "lost";
    CodInTransit "cod.in_transit" Count Parcels "en camino" "a caminho" "on the way";
    CodDeliveryRate "cod.delivery_rate" Ratio Parcels "efectividad" "taxa de entrega" "delivery rate";
    CodPlacedDelivered "cod.placed_delivered" Count Parcels "generados y entregados" "gerados e entregues" "placed and delivered";
    CodEndToEndRate "cod.end_to_end_rate" Ratio Parcels "entregados sobre generados" "entregues sobre gerados" "end-to-end rate";
    CodLogisticsCost "cod.logistics_cost" Money Parcels "costo logístico contra entrega" "custo logístico na entrega" "cash-on-delivery logistics";
    CodCostPerDelivered "cod.cost_per_delivered" Money Parcels "costo logístico por entregado" "custo logístico por entregue" "logistics cost per delivered";
    CodBreakevenDeliveryRate "cod.breakeven_delivery_rate" Ratio Parcels "efectividad mínima" "taxa de entrega mínima" "break-even delivery rate";
    Cash "cash" Money Balance "caja" "caixa" "cash";
    CodReceivable "cod_receivable" Money Balance "recaudo por cobrar" "pagamento na entrega a receber" "cash on delivery due";
    CodOverdue "cod_overdue" Money Balance "recaudo vencido" "pagamento na entrega vencido" "cash on delivery overdue";
    CodOverpaid "cod_overpaid" Money Balance "recaudo pagado de más" "pago a mais" "cash on delivery overpaid";
    CodOnTheWay "cod_in_transit" Money Balance "recaudo en camino" "pagamento na entrega a caminho" "cash on delivery on the way";
    GatewayPending "gateway_pending" Money Balance "por liquidar en pasarela" "a liquidar no gateway" "gateway pending";
    InvoicesOpen "invoices_open" Money Balance "facturas por cobrar" "faturas a receber" "open invoices";
    InvoicesOverdue "invoices_overdue" Money Balance "facturas vencidas" "faturas vencidas" "overdue invoices";
    ExpectedLoss "expected_loss" Money Balance "pérdida esperada" "perda esperada" "expected loss";
    Receivables "receivables" Money Balance "por cobrar" "a receber" "receivables";
    OverdueShare "overdue_share" Ratio Balance "% vencido" "% vencido" "overdue share";
    SupplierPayables "supplier_payables" Money Balance "por pagar a proveedores" "a pagar a fornecedores" "supplier payables";
    ExpensesPayable "expenses_payable" Money Balance "gastos por pagar" "despesas a pagar" "expenses payable";
    AdsPayable "ads_payable" Money Balance "pauta por pagar" "mídia a pagar" "ads payable";
    CarriersPayable "carriers_payable" Money Balance "por pagar a transportadoras" "a pagar a transportadoras" "carriers payable";
    GiftCardLiability "gift_card_liability" Money Balance "tarjetas regalo por redimir" "vales-presente a resgatar" "gift cards outstanding";
    CurrentLiabilities "current_liabilities" Money Balance "deudas de corto plazo" "dívidas de curto prazo" "current liabilities";
    Inventory "inventory" Money Balance "inventario" "estoque" "inventory";
    QuickRatio "quick_ratio" Ratio Balance "prueba ácida" "liquidez seca" "quick ratio";
    CurrentRatio "current_ratio" Ratio Balance "razón corriente" "liquidez corrente" "current ratio";
    AvgDailyOutflow "avg_daily_outflow" Money Balance "gasto diario" "gasto diário" "average daily outflow";
    CashBufferDays "cash_buffer_days" Days Balance "días de caja" "dias de caixa" "cash buffer days";
    MonthlyOperatingCashFlow "monthly_operating_cash_flow" Money Balance "flujo operativo mensual" "fluxo operacional mensal" "monthly operating cash flow";
    RunwayMonths "runway_months" Months Balance "meses de caja" "fôlego de caixa" "runway";
    Dso "dso" Days Balance "días de cartera" "prazo médio de recebimento" "days of sales outstanding";
    Dio "dio" Days Balance "días de inventario" "prazo médio de estoque" "days of inventory";
    Dpo "dpo" Days Balance "días de proveedores" "prazo médio de pagamento" "days of payables";
    Ccc "ccc" Days Balance "ciclo de caja" "ciclo de caixa" "cash cycle";
}
