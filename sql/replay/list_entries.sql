create or replace function replay.list_entries(
    p_deltas jsonb
)
returns setof ledger.entries
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with deltas as (
        select d.nth, e.*
          from jsonb_array_elements(p_deltas) with ordinality as d (value, nth)
         cross join lateral jsonb_populate_record(null::ledger.entries,
               '{"qty_delta": 0, "deposit_delta_micros": 0, "cash_delta_micros": 0,
                 "cost_delta_micros": 0, "realized_delta_micros": 0, "fee_delta_micros": 0,
                 "income_delta_micros": 0}'::jsonb || d.value) as e
    )
    select e.*
      from (select to_jsonb(d) || jsonb_build_object(
                       'entry_seq', d.nth,
                       'deposits_micros', sum(d.deposit_delta_micros) over w,
                       'cash_micros', sum(d.cash_delta_micros) over w,
                       'cost_micros', sum(d.cost_delta_micros) over w,
                       'realized_micros', sum(d.realized_delta_micros) over w,
                       'fees_micros', sum(d.fee_delta_micros) over w,
                       'income_micros', sum(d.income_delta_micros) over w) as value
              from deltas as d
            window w as (order by d.nth)) as b
     cross join lateral jsonb_populate_record(null::ledger.entries, b.value) as e;
$function$;

comment on function replay.list_entries(jsonb) is
$$Entries with their numbers and the balances after each, from what each changes, in order.$$;
