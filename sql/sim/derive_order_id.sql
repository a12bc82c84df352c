create or replace function sim.derive_order_id(
    p_account_id      text,
    p_client_order_id text
)
returns uuid
language sql
immutable
strict
parallel safe
return core.derive_id('paper.order', array[p_account_id, p_client_order_id]);

comment on function sim.derive_order_id(text, text) is
$$The paper broker's id for an order: the same for the same name in the same account.$$;
