create or replace function oms.derive_client_order_id(
    p_engine_id text,
    p_intent_id uuid
)
returns text
language sql
immutable
strict
parallel safe
return p_engine_id || '_' || replace(p_intent_id::text, '-', '');

comment on function oms.derive_client_order_id(text, uuid) is
$$The name under which an order is sent: engine prefix and the intent's id, at most 41 characters.
Why: decided once, never per attempt, so a broker can recognise a repeat.$$;
