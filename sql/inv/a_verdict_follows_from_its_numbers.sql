create or replace view inv.a_verdict_follows_from_its_numbers as
select d.run_id, format('%s %s', d.symbol, d.intent_id) as what
  from risk.decisions as d
  left join risk.limits as l using (run_id)
 cross join lateral jsonb_populate_record(null::risk.order_facts, d.numbers) as f
 where (d.rule = coalesce(risk.find_denial(l, f), 'NONE')
        and f.order_qty = d.order_qty
        and d.numbers -> 'limits' = to_jsonb(l)) is not true;

comment on view inv.a_verdict_follows_from_its_numbers is
$$I20 I22: Every verdict on an order comes out again when it is judged from the numbers that were kept
with it.$$;
