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
    stop_price_micros  bigint,
    time_in_force      text,
    defect             text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with told as (
        select o.row_no, o.name, o.told ->> 'symbol' as symbol, o.told ->> 'qty' as qty_text,
               core.parse_shares(o.told ->> 'qty') + o.before_qty as qty,
               coalesce(o.bad_text, o.told ->> 'filled_qty') as filled_text,
               core.parse_shares(coalesce(o.bad_text, o.told ->> 'filled_qty'))
                   + case when o.bad_text is null then o.before_qty else 0 end as filled,
               case lower(o.told ->> 'side') when 'buy' then 1 when 'sell' then -1 end as sign,
               upper(o.told ->> 'type') as order_type,
               recon.parse_money(o.told ->> 'limit_price') as limit_micros,
               recon.parse_money(o.told ->> 'stop_price') as stop_micros,
               upper(o.told ->> 'time_in_force') as time_in_force, s.order_status,
               o.told ->> 'limit_price' as limit_text, o.told ->> 'stop_price' as stop_text,
               row_number() over (partition by o.name order by o.row_no) as repeat_no
          from recon.list_chains(p_document) as o
          left join recon.broker_statuses as s on s.broker_word = lower(o.told ->> 'status')
    )
    select t.row_no, nullif(left(t.name, 128), ''), t.symbol, t.sign * t.qty, t.filled,
           case when t.order_status <> 'WORKING' then t.order_status
                when t.filled = 0 then 'ACCEPTED'
                when t.filled < t.qty then 'PARTIALLY_FILLED'
                else 'FILLED' end,
           t.order_type, t.limit_micros, t.stop_micros, t.time_in_force,
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
                when t.limit_text is not null and t.limit_micros is null
                  or t.stop_text is not null and t.stop_micros is null then 'UnknownPrice' end
      from told as t;
$function$;

comment on function recon.parse_orders(jsonb) is
$$The orders of a snapshot as rows, every one, in its order; defect names why a row cannot be read.
order_qty is signed. A working status is told by the filled part: ACCEPTED, PARTIALLY_FILLED or FILLED.
Type, prices and time in force are null when the broker does not tell them. A replaced order is told by
the one in its place, under the name of the first, with the shares of the whole chain.
Why: a row that cannot be read is a difference, never skipped.$$;
