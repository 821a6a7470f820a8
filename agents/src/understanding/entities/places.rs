//! Cities and ways to pay, by name.

use recado_domain::command::{Entity, Mention};

use super::tokens::{Token, longest};

/// A city: folded spelling, and name, country and region parted by `|`.
pub const CITIES: &[(&str, &str)] = &[
    ("bogota", "Bogotá|CO|Bogotá D.C."),
    ("medellin", "Medellín|CO|Antioquia"),
    ("medallo", "Medellín|CO|Antioquia"),
    ("cali", "Cali|CO|Valle del Cauca"),
    ("barranquilla", "Barranquilla|CO|Atlántico"),
    ("quilla", "Barranquilla|CO|Atlántico"),
    ("cartagena", "Cartagena|CO|Bolívar"),
    ("bucaramanga", "Bucaramanga|CO|Santander"),
    ("cucuta", "Cúcuta|CO|Norte de Santander"),
    ("pereira", "Pereira|CO|Risaralda"),
    ("manizales", "Manizales|CO|Caldas"),
    ("ibague", "Ibagué|CO|Tolima"),
    ("santa marta", "Santa Marta|CO|Magdalena"),
    ("villavicencio", "Villavicencio|CO|Meta"),
    ("villavo", "Villavicencio|CO|Meta"),
    ("pasto", "Pasto|CO|Nariño"),
    ("monteria", "Montería|CO|Córdoba"),
    ("neiva", "Neiva|CO|Huila"),
    ("armenia", "Armenia|CO|Quindío"),
    ("popayan", "Popayán|CO|Cauca"),
    ("valledupar", "Valledupar|CO|Cesar"),
    ("sincelejo", "Sincelejo|CO|Sucre"),
    ("tunja", "Tunja|CO|Boyacá"),
    ("soacha", "Soacha|CO|Cundinamarca"),
    ("envigado", "Envigado|CO|Antioquia"),
    ("itagui", "Itagüí|CO|Antioquia"),
    ("bello", "Bello|CO|Antioquia"),
    ("rionegro", "Rionegro|CO|Antioquia"),
    ("palmira", "Palmira|CO|Valle del Cauca"),
    ("riohacha", "Riohacha|CO|La Guajira"),
    ("yopal", "Yopal|CO|Casanare"),
    ("quibdo", "Quibdó|CO|Chocó"),
    ("cdmx", "Ciudad de México|MX|CDMX"),
    ("ciudad de mexico", "Ciudad de México|MX|CDMX"),
    ("guadalajara", "Guadalajara|MX|Jalisco"),
    ("gdl", "Guadalajara|MX|Jalisco"),
    ("zapopan", "Zapopan|MX|Jalisco"),
    ("monterrey", "Monterrey|MX|Nuevo León"),
    ("mty", "Monterrey|MX|Nuevo León"),
    ("puebla", "Puebla|MX|Puebla"),
    ("tijuana", "Tijuana|MX|Baja California"),
    ("toluca", "Toluca|MX|México"),
    ("queretaro", "Querétaro|MX|Querétaro"),
    ("merida", "Mérida|MX|Yucatán"),
    ("cancun", "Cancún|MX|Quintana Roo"),
    ("ciudad juarez", "Ciudad Juárez|MX|Chihuahua"),
    ("hermosillo", "Hermosillo|MX|Sonora"),
    ("culiacan", "Culiacán|MX|Sinaloa"),
    ("veracruz", "Veracruz|MX|Veracruz"),
    ("oaxaca", "Oaxaca|MX|Oaxaca"),
    ("aguascalientes", "Aguascalientes|MX|Aguascalientes"),
    ("san luis potosi", "San Luis Potosí|MX|San Luis Potosí"),
    ("morelia", "Morelia|MX|Michoacán"),
    ("lima", "Lima|PE|Lima"),
    ("arequipa", "Arequipa|PE|Arequipa"),
    ("trujillo", "Trujillo|PE|La Libertad"),
    ("chiclayo", "Chiclayo|PE|Lambayeque"),
    ("piura", "Piura|PE|Piura"),
    ("cusco", "Cusco|PE|Cusco"),
    ("cuzco", "Cusco|PE|Cusco"),
    ("huancayo", "Huancayo|PE|Junín"),
    ("iquitos", "Iquitos|PE|Loreto"),
    ("tacna", "Tacna|PE|Tacna"),
    ("santiago", "Santiago|CL|Metropolitana"),
    ("providencia", "Providencia|CL|Metropolitana"),
    ("nunoa", "Ñuñoa|CL|Metropolitana"),
    ("las condes", "Las Condes|CL|Metropolitana"),
    ("maipu", "Maipú|CL|Metropolitana"),
    ("puente alto", "Puente Alto|CL|Metropolitana"),
    ("la florida", "La Florida|CL|Metropolitana"),
    ("valparaiso", "Valparaíso|CL|Valparaíso"),
    ("vina del mar", "Viña del Mar|CL|Valparaíso"),
    ("concepcion", "Concepción|CL|Biobío"),
    ("antofagasta", "Antofagasta|CL|Antofagasta"),
    ("temuco", "Temuco|CL|La Araucanía"),
    ("la serena", "La Serena|CL|Coquimbo"),
    ("rancagua", "Rancagua|CL|O'Higgins"),
    ("caba", "Buenos Aires|AR|CABA"),
    ("capital federal", "Buenos Aires|AR|CABA"),
    ("buenos aires", "Buenos Aires|AR|Buenos Aires"),
    ("rosario", "Rosario|AR|Santa Fe"),
    ("mendoza", "Mendoza|AR|Mendoza"),
    ("la plata", "La Plata|AR|Buenos Aires"),
    ("mar del plata", "Mar del Plata|AR|Buenos Aires"),
    ("tucuman", "San Miguel de Tucumán|AR|Tucumán"),
    ("salta", "Salta|AR|Salta"),
    ("cordoba capital", "Córdoba|AR|Córdoba"),
    ("neuquen", "Neuquén|AR|Neuquén"),
    ("sao paulo", "São Paulo|BR|SP"),
    ("sampa", "São Paulo|BR|SP"),
    ("rio de janeiro", "Rio de Janeiro|BR|RJ"),
    ("belo horizonte", "Belo Horizonte|BR|MG"),
    ("bh", "Belo Horizonte|BR|MG"),
    ("brasilia", "Brasília|BR|DF"),
    ("salvador", "Salvador|BR|BA"),
    ("fortaleza", "Fortaleza|BR|CE"),
    ("curitiba", "Curitiba|BR|PR"),
    ("recife", "Recife|BR|PE"),
    ("porto alegre", "Porto Alegre|BR|RS"),
    ("manaus", "Manaus|BR|AM"),
    ("goiania", "Goiânia|BR|GO"),
    ("campinas", "Campinas|BR|SP"),
    ("florianopolis", "Florianópolis|BR|SC"),
    ("floripa", "Florianópolis|BR|SC"),
    ("belem", "Belém|BR|PA"),
    ("quito", "Quito|EC|Pichincha"),
    ("guayaquil", "Guayaquil|EC|Guayas"),
    ("cuenca", "Cuenca|EC|Azuay"),
    ("ambato", "Ambato|EC|Tungurahua"),
    ("montevideo", "Montevideo|UY|Montevideo"),
    ("asuncion", "Asunción|PY|Asunción"),
];

/// Ways to pay.
const PAYMENTS: &[(&str, &str)] = &[
    ("contraentrega", "cash_on_delivery"),
    ("contra entrega", "cash_on_delivery"),
    ("contrarrembolso", "cash_on_delivery"),
    ("contrareembolso", "cash_on_delivery"),
    ("contra reembolso", "cash_on_delivery"),
    ("pago al recibir", "cash_on_delivery"),
    ("pagar al recibir", "cash_on_delivery"),
    ("pagamento na entrega", "cash_on_delivery"),
    ("pagar na entrega", "cash_on_delivery"),
    ("cash on delivery", "cash_on_delivery"),
    ("cod", "cash_on_delivery"),
    ("efectivo", "cash"),
    ("dinheiro vivo", "cash"),
    ("em dinheiro", "cash"),
    ("in cash", "cash"),
    ("cash", "cash"),
    ("tarjeta de credito", "credit_card"),
    ("tarjeta credito", "credit_card"),
    ("cartao de credito", "credit_card"),
    ("credit card", "credit_card"),
    ("tarjeta de debito", "debit_card"),
    ("tarjeta debito", "debit_card"),
    ("cartao de debito", "debit_card"),
    ("debit card", "debit_card"),
    ("tarjeta", "card"),
    ("cartao", "card"),
    ("card", "card"),
    ("pix", "pix"),
    ("boleto", "boleto"),
    ("pse", "pse"),
    ("nequi", "nequi"),
    ("daviplata", "daviplata"),
    ("bancolombia", "bancolombia"),
    ("bre b", "bre_b"),
    ("efecty", "efecty"),
    ("oxxo", "oxxo"),
    ("spei", "spei"),
    ("yape", "yape"),
    ("plin", "plin"),
    ("mercado pago", "mercado_pago"),
    ("mercadopago", "mercado_pago"),
    ("paypal", "paypal"),
    ("webpay", "webpay"),
    ("rapipago", "rapipago"),
    ("pago facil", "pago_facil"),
    ("transferencia", "transfer"),
    ("transferencia bancaria", "transfer"),
    ("bank transfer", "transfer"),
    ("consignacion", "deposit"),
    ("addi", "addi"),
    ("sistecredito", "sistecredito"),
];

/// Cities, then ways to pay.
pub fn find(tokens: &[Token]) -> Vec<Mention> {
    let mut found = Vec::new();
    let (mut city_from, mut pay_from) = (0, 0);
    for at in 0..tokens.len() {
        if tokens[at].folded.len() < 2 || !tokens[at].folded.starts_with(|one: char| one.is_ascii_lowercase()) {
            continue;
        }
        let mention = |entity: Entity, length: usize| Mention {
            entity,
            start: tokens[at].span.start,
            end: tokens[at + length - 1].span.end,
        };
        if let Some((index, length)) = longest(tokens, at, CITIES).filter(|_| at >= city_from) {
            // Some names are words too («bello», «pasto»): those need a capital or a preposition.
            let word = matches!(
                CITIES[index].0,
                "bello"
                    | "pasto"
                    | "armenia"
                    | "salvador"
                    | "quilla"
                    | "rosario"
                    | "bh"
                    | "salta"
                    | "lima"
                    | "merida"
                    | "fortaleza"
                    | "providencia"
                    | "concepcion"
            );
            let led = at > 0
                && matches!(
                    tokens[at - 1].folded.as_str(),
                    "en" | "a" | "para" | "em" | "de" | "in" | "to" | "desde" | ","
                );
            if !word || tokens[at].capital && at > 0 || led && !matches!(CITIES[index].0, "bello" | "salta" | "pasto") {
                let mut parts = CITIES[index].1.split('|').map(str::to_owned);
                let (value, country) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                found.push(mention(Entity::City { value, country }, length));
                city_from = at + length;
            }
        }
        if let Some((index, length)) = longest(tokens, at, PAYMENTS).filter(|_| at >= pay_from) {
            found.push(mention(Entity::PaymentMethod { value: PAYMENTS[index].1.to_owned() }, length));
            pay_from = at + length;
        }
    }
    found
}
