create or replace function risk.check_order(
    p_run_id    uuid,
    p_intent_id uuid,
    p_symbol    text,
    p_order_qty bigint,
    p_open      jsonb,
    p_messages  bigint,
    p_terms     risk.order_terms,
    p_now_at    timestamptz
)
returns risk.decisions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_limits   risk.limits;
    v_facts    risk.order_facts := risk.get_facts(
        p_run_id, p_symbol, p_order_qty, p_open, p_messages, p_now_at);
    v_rule     text;
    v_decision risk.decisions;
begin
    v_facts.limit_micros := p_terms.limit_micros;
    v_facts.stop_micros := p_terms.stop_micros;
    v_facts.is_guarded := p_terms.is_guarded;
    select l.* into strict v_limits from risk.limits as l where l.run_id = p_run_id;
    v_rule := risk.find_denial(v_limits, v_facts);
    insert into risk.decisions (
        run_id, intent_id, verdict, rule, symbol, order_qty, numbers, decided_at)
    values (p_run_id, p_intent_id, case when v_rule is null then 'ALLOW' else 'DENY' end,
            coalesce(v_rule, 'NONE'), p_symbol, p_order_qty,
            to_jsonb(v_facts) || jsonb_build_object('limits', to_jsonb(v_limits)), p_now_at)
    returning * into v_decision;
    perform audit.append_event(
        p_run_id, 'RISK', 'ORDER_' || v_decision.verdict,
        jsonb_build_object('intent_id', p_intent_id, 'rule', v_decision.rule, 'symbol', p_symbol,
                           'order_qty', p_order_qty), p_now_at);
    return v_decision;
end;
$function$;

comment on function risk.check_order(
    uuid, uuid, text, bigint, jsonb, bigint, risk.order_terms, timestamptz) is
$$Decides whether an intent may become an order and stores the verdict with every number it saw, so that
inv.a_verdict_follows_from_its_numbers can decide again. p_open, p_messages: see risk.get_facts;
p_terms: null for an order at the market.
Why: an order row needs an ALLOW row for exactly its symbol and quantity (foreign key).
Raises: 23505 decided before.$$;
