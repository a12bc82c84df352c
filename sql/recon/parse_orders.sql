create or replace function recon.parse_orders(
    p_document jsonb
)
returns table (
    row_no             bigint,
    client_order_id    text,
    symbol             text,
    order_qty          bigint,
    filled_qty         bigint,
    order_status       text,
    order_type         text,
    limit_price_micros bigint,
    defect             text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with told as (
        select o.ordinality as row_no, o.value as row,
               regexp_replace(o.value ->> 'client_order_id', '-r\d+$', '') as name,
               o.value ->> 'symbol' as symbol, o.value ->> 'qty' as qty_text,
               core.parse_shares(o.value ->> 'qty') as qty,
               o.value ->> 'filled_qty' as filled_text,
               core.parse_shares(o.value ->> 'filled_qty') as filled,
               case lower(o.value ->> 'side') when 'buy' then 1 when 'sell' then -1 end as sign,
               upper(o.value ->> 'type') as order_type, o.value ->> 'limit_price' as limit_text,
               recon.parse_money(o.value ->> 'limit_price') as limit_micros,
               s.order_status,
               row_number() over (
                   partition by regexp_replace(o.value ->> 'client_order_id', '-r\d+$', '')
                   order by o.ordinality) as repeat_no
          from jsonb_array_elements(p_document -> 'orders') with ordinality as o
          left join recon.broker_statuses as s on s.broker_word = lower(o.value ->> 'status')
         where not exists (
               select from jsonb_array_elements(p_document -> 'orders') as n
                where n.value ->> 'replaces' = o.value ->> 'broker_order_id')
    )
    select t.row_no, nullif(left(t.name, 128), ''), t.symbol, t.sign * t.qty, t.filled,
           case when t.order_status <> 'WORKING' then t.order_status
                when t.filled = 0 then 'ACCEPTED'
                when t.filled < t.qty then 'PARTIALLY_FILLED'
                else 'FILLED' end,
           t.order_type, t.limit_micros,
           case when coalesce(t.name, '') = '' then 'MissingOrderId'
                when length(t.name) > 128 or length(t.symbol) > 32 then 'NameTooLong'
                when t.repeat_no > 1 then 'DuplicateOrder'
                when coalesce(t.symbol, '') = '' then 'MissingSymbol'
                when t.sign is null then 'UnknownSide'
                when t.qty is null and t.qty_text ~ '^-?[0-9]+\.[0-9]+$'
                  or t.filled is null and t.filled_text ~ '^-?[0-9]+\.[0-9]+$' then 'Fractional'
                when t.qty is null then 'UnknownQty'
                when t.qty < 0 then 'NegativeQty'
                when t.filled is null then 'UnknownFilledQty'
                when t.filled < 0 then 'NegativeFilledQty'
                when t.filled > t.qty then 'FilledExceedsQty'
                when t.order_status is null then 'UnknownStatus'
                when t.limit_text is not null and t.limit_micros is null then 'UnknownPrice' end
      from told as t;
$function$;

comment on function recon.parse_orders(jsonb) is
$$The orders of a snapshot as rows, every one, in its order; defect names why a row cannot be read.
order_qty is signed. A working status is told by the filled part: ACCEPTED, PARTIALLY_FILLED or FILLED.
Type and limit price are null when the broker does not tell them. A replaced order is told by the one in
its place, under the name of the first.
Why: a row that cannot be read is a difference, never skipped.$$;
