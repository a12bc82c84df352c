create or replace function oms.derive_intent_id(
    p_run_id      uuid,
    p_strategy_id text,
    p_bar_end_at  timestamptz,
    p_symbol      text
)
returns uuid
language sql
immutable
parallel safe
return core.derive_id('intent', array[
    p_run_id::text, p_strategy_id, core.format_iso(p_bar_end_at), p_symbol]);

comment on function oms.derive_intent_id(uuid, text, timestamptz, text) is
$$The id of what a strategy wants of a symbol on a bar: the same however often it is asked.$$;
