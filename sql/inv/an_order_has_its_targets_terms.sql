create or replace view inv.an_order_has_its_targets_terms as
select o.run_id, o.client_order_id as what
  from oms.orders as o
  join oms.intents as i using (run_id, intent_id)
  join strat.targets as t using (run_id, strategy_id, bar_end_at)
  left join risk.decisions as d on d.run_id = o.run_id and d.intent_id = o.intent_id
 where t.symbol = i.symbol
   and (o.time_in_force <> case i.leg when 'STOP' then 'GTC' else 'DAY' end
        or case i.leg
           when 'TARGET' then
               (o.order_type, o.limit_price_micros, o.stop_price_micros)
               is distinct from (t.order_type, t.limit_price_micros, t.stop_price_micros)
               or ((d.numbers ->> 'limit_micros')::bigint, (d.numbers ->> 'stop_micros')::bigint)
                  is distinct from (o.limit_price_micros, o.stop_price_micros)
           else o.order_type <> case i.leg when 'STOP' then 'STOP' else 'MARKET' end end);

comment on view inv.an_order_has_its_targets_terms is
$$I65: Every order has the type and the prices that its target asks for, and was judged by these prices; the
stop that protects outlives the day, no other; what flattens trades at the market.$$;
