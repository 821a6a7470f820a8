//! Words that speak for an intent wherever they stand. They add to what the classifier has learned; they decide nothing
//! alone. Pieces are looked for in the normalised text between blanks, so a leading blank means "begins a word".

use recado_domain::intent::Intent;

/// Weight of one cue in nats; further cues of the same intent add half.
const WEIGHT: f32 = 3.0;

#[rustfmt::skip]
const CUES: &[(Intent, &[&str])] = &[
    (Intent::TrackOrder, &[" rastre", " track", " donde esta mi", " donde va", " por donde", " en que va",
        " onde esta", " where is my", " where s my", " ya salio", " ya lo enviaron", " ya despach", " despacharon",
        " mi guia", " numero de guia", " cade ", " ja saiu", " has it shipped", " status of my", " donde anda",
        " en camino", " saiu pra", " saiu para", " a reparto", " en reparto", " shipped", " out for delivery",
        " where it is", " check on", " transportadora", " paquete", " pacote", " parcel", " tracking number",
        " codigo de rastreio", " mi pedido", " meu pedido", " my order", " ya viene", " ya llego", " en q ciudad",
        " cuando llega", " cuando me llega", " quando chega", " quando vai chegar", " ta chegando", " esta chegando",
        " casi llega", " when will it arrive", " when does it arrive", " como va el pedido", " como esta o pedido"]),
    (Intent::DeliveryProblem, &[" no me ha llegado", " no ha llegado", " nunca llego", " no llego",
        " dice entregado", " danado", " roto", " rota", " quebrad", " incompleto", " nao chegou", " not arrived",
        " never arrived", " damaged", " broken", " faltan ", " equivocad",
        " haven t received", " not received", " nao recebi", " no he recibido", " no recibi", " hasn t arrived",
        " didn t arrive", " repartidor", " domiciliario", " motoboy", " entregador", " no alcance"]),
    (Intent::ChangeShippingAddress, &[" direccion", " endereco", " address"]),
    (Intent::DeliveryPeriod, &[" cuanto se demora", " cuanto demora", " cuanto tarda", " cuantos dias",
        " quanto tempo demora", " how long", " prazo", " tiempo de entrega"]),
    (Intent::CancelOrder, &[" cancelar el pedido", " cancelar mi pedido", " cancelen", " cancelar o pedido",
        " cancelar meu pedido", " cancel my order", " cancel the order", " anular", " ya no lo quiero",
        " nao quero mais o"]),
    (Intent::ConfirmOrder, &[" confirmo", " confirmar", " confirmado", " confirm"]),
    (Intent::PostponeDelivery, &[" aplaz", " otro dia", " reprogram", " adiar", " outro dia", " postpone",
        " another day", " mas tarde", " la otra semana"]),
    (Intent::StockQuestion, &[" hay disponible", " disponible", " tienen en", " stock", " queda", " agotad",
        " disponivel", " available", " hay talla", " tem no tamanho", " do you have the", " do you have it", " tienen la ",
        " tienen el ", " tem a ", " tem o "]),
    (Intent::PriceQuestion, &[" precio", " cuanto vale", " cuanto cuesta", " que valor", " preco", " quanto custa",
        " how much is", " price"]),
    (Intent::PaymentMethods, &[" nequi", " daviplata", " contra entrega", " medios de pago", " formas de pago",
        " puedo pagar", " tarjeta", " aceptan", " aceitam", " accept", " formas de pagamento"]),
    (Intent::GetPaymentLink, &[" link de pago", " link para pagar", " enlace de pago", " link de pagamento",
        " payment link", " enlace para pagar"]),
    (Intent::PaymentProblem, &[" cobraron", " pago rechazado", " rechaz", " no me deja pagar", " doble cobro",
        " declined", " cobrado duas", " charged twice", " recusad"]),
    (Intent::ReturnOrder, &[" devolver", " devolucion", " devolucao", " return "]),
    (Intent::ExchangeProduct, &[" otra talla", " cambio de talla", " cambiarlo por", " trocar", " troca ",
        " exchange", " swap", " talla mas"]),
    (Intent::RefundStatus, &[" mi reembolso", " cuando me devuelven", " estorno", " my refund", " meu reembolso"]),
    (Intent::RefundRequest, &[" quiero mi plata", " devuelvan mi", " devuelvanme", " devolvam meu",
        " dinheiro de volta", " money back", " reembols"]),
    (Intent::Complaint, &[" pesimo", " pesima", " mala atencion", " queja", " reclamo", " reclamacao", " pessimo",
        " terrible", " worst", " complain", " estafa", " nadie responde"]),
    (Intent::LegalThreat, &[" demanda", " abogado", " sic ", " superintendencia", " profeco", " procon", " denunci",
        " advogado", " lawyer", " sue ", " legal", " indecopi", " sernac", " processar"]),
    (Intent::ReviewPraise, &[" me encanto", " excelente", " lo amo", " adorei", " amei", " love it", " loved",
        " recomiendo", " recomendo"]),
    (Intent::CheckInvoice, &[" factura", " nota fiscal", " invoice", " recibo", " cfdi", " boleta"]),
    (Intent::DeleteMyData, &[" borr", " elimin", " apag", " delete", " exclu"]),
    (Intent::ExportMyData, &[" copia de mis datos", " mis datos", " meus dados", " my data", " copia dos",
        " informacion tienen de mi"]),
    (Intent::StopMarketing, &[" no me manden", " no me escriban", " no mas publicidad", " promociones",
        " publicidad", " promocoes", " promotions", " unsubscribe", " spam"]),
    (Intent::WhoAreYou, &[" quien eres", " eres un robot", " eres un bot", " quem e voce", " voce e um",
        " who are you", " are you a", " con quien hablo", " robot"]),
    (Intent::Repeat, &[" repite", " repita", " repeat", " no entendi", " didn t understand", " otra vez"]),
    (Intent::Thanks, &[" gracias", " obrigad", " thanks", " thank you", " valeu"]),
    (Intent::Goodbye, &[" chao", " chau", " adios", " hasta luego", " tchau", " bye", " ate mais",
        " hasta manana"]),
    (Intent::Greeting, &[" hola ", " buenas ", " buenos dias", " oi ", " ola ", " hello", " hi ", " hey ",
        " bom dia", " boa tarde", " good morning"]),
    (Intent::TalkToHuman, &[" asesor", " humano", " persona", " atendente", " human", " real person", " agente",
        " alguien", " alguem"]),
    (Intent::SafetyEmergency, &[" explot", " incend", " quemo", " quema ", " quemad", " queme ", " queim", " alergi", " intoxic", " hospital", " chispas",
        " burn", " fire ", " sangr", " shock", " smoke", " humo", " fogo", " choque"]),
    (Intent::OutOfScope, &[" el partido", " o jogo", " the game", " the match", " chiste", " piada", " joke",
        " mi tarea", " la tarea", " minha tarefa", " dever de casa", " licao de casa", " homework", " essay", " clima",
        " previsao do tempo", " weather", " pelicula", " um filme", " movie", " receta", " receita", " recipe",
        " capital d", " capital of", " president", " novia", " novio", " namorar", " single ", " horoscopo",
        " horoscope", " loteria", " lottery", " prestamo", " prestame", " prestas", " emprestimo", " emprestado",
        " lend me", " a loan", " empleo", " emprego", " a job", " vacante", " hoja de vida", " contratan", " hiring",
        " quien gano", " quem ganhou", " who won", " te amo", " i love you", " cancion", " musica", " a song",
        " traduce", " traduz", " translate", " poema", " poem ", " python", " bitcoin", " sentido de la vida",
        " sentido da vida", " meaning of life", " matematica", " arroz", " declaracion de renta", " imposto de renda",
        " quien invento", " quem inventou", " who invented", " que opinas de", " o que voce acha de", " elecciones",
        " eleicoes", " elections", " mundial", " copa do mundo", " world cup"]),
    (Intent::PlaceOrder, &[" quiero comprar", " quiero pedir", " quero comprar", " i want to buy",
        " place an order", " hacer un pedido", " me interesa", " encargar"]),
    (Intent::MerchantSales, &[" ventas", " vendi", " vendimos", " vendemos", " vendas", " sales", " sold",
        " facturamos", " facture", " faturei", " faturamos"]),
    (Intent::MerchantProfit, &[" ganancia", " gane ", " utilidad", " lucro", " profit", " margen", " margem",
        " gano "]),
    (Intent::MerchantCashFlow, &[" caja", " flujo", " caixa", " cash flow", " runway", " liquidez", " consign"]),
    (Intent::MerchantInventory, &[" inventario", " estoque", " inventory", " bodega", " reponer", " restock"]),
    (Intent::MerchantUnitEconomics, &[" cac ", " ltv", " roas", " por pedido", " costo por", " custo por",
        " per order", " adquisicion", " contribucion"]),
    (Intent::MerchantPricing, &[" subir el precio", " bajar el precio", " a cuanto debo", " que precio",
        " descuento", " preco devo", " should i charge", " should i price", " desconto"]),
    (Intent::MerchantHealthScore, &[" salud financiera", " saude financeira", " health score", " financial health",
        " puntaje", " salud"]),
    (Intent::MerchantGrowth, &[" crec", " cresc", " grow", " escal", " comparado"]),
    (Intent::MerchantCollections, &[" cobranza", " cobranca", " me deben", " quien me debe", " owes", " overdue",
        " deudor", " vencid", " recaudo", " me devem"]),
    (Intent::MerchantReport, &[" informe", " reporte", " relatorio", " report ", " resumen", " resumo", " pdf",
        " excel"]),
    (Intent::ReportIncident, &[" se cayo", " caid", " no funciona", " esta fallando", " fora do ar", " is down",
        " not working", " bloque"]),
    (Intent::IncidentStatus, &[" ya se arreglo", " ya se soluciono", " ya volvio", " novedades", " ja voltou",
        " ja resolveram", " is it fixed", " incidente", " incident", " ocorrencia", " paro "]),
];

/// Said before or after what one wants.
const POLITE: &[&str] = &[
    "hola ",
    "buenas tardes ",
    "buenas noches ",
    "buenos dias ",
    "buen dia ",
    "buenas ",
    "ola ",
    "oi ",
    "bom dia ",
    "boa tarde ",
    "boa noite ",
    "hello ",
    "hi there ",
    "hi ",
    "hey ",
    "good morning ",
    "good afternoon ",
    "parce ",
    "vecino ",
    "vecina ",
    "disculpa ",
    "disculpe ",
    "una pregunta ",
    "una consulta ",
    "amigo ",
    "amiga ",
    "oye ",
    "oiga ",
    "eeh ",
    "eh ",
    "mire ",
    "che ",
    "wey ",
];

/// A text without its greetings, when more than a word is left.
pub fn core(normalised: &str) -> &str {
    let mut text = normalised;
    while let Some(rest) = POLITE.iter().find_map(|start| text.strip_prefix(start)) {
        if rest.split(' ').count() < 2 {
            break;
        }
        text = rest;
    }
    text
}

/// Wishes that «no» turns around: «no quiero cancelar», «not cancelling anything».
const REFUSED: &[(Intent, &[&str])] = &[(
    Intent::CancelOrder,
    &[
        " no quiero cancelar",
        " no es para cancelar",
        " no me lo cancelen",
        " no cancelen",
        " nao quero cancelar",
        " nao e pra cancelar",
        " not cancel",
        " don t cancel",
        " no voy a cancelar",
    ],
)];

/// What cues add to each intent, in the order of [`Intent::ALL`].
pub fn add(normalised: &str, prior: &mut [f32]) {
    let padded = format!(" {normalised} ");
    for (intent, pieces) in CUES {
        let heard = pieces.iter().filter(|piece| padded.contains(**piece)).count();
        if heard == 0 {
            continue;
        }
        add_to(*intent, WEIGHT * (1.0 + 0.5 * (heard - 1).min(2) as f32), prior);
    }
    for (intent, pieces) in REFUSED {
        if pieces.iter().any(|piece| padded.contains(piece)) {
            add_to(*intent, -4.0 * WEIGHT, prior);
        }
    }
}

fn add_to(intent: Intent, weight: f32, prior: &mut [f32]) {
    if let Some(place) = Intent::ALL.iter().position(|other| *other == intent) {
        prior[place] += weight;
    }
}
