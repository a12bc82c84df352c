create or replace function lab.split_lots(
    p_lots      lab.lot_queue,
    p_ratio_num bigint,
    p_ratio_den bigint
)
returns lab.lot_queue
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with lots as (
        select u.nth, u.tick, u.session, s.to_qty
          from ledger.list_lot_splits(
               lab.list_lots((p_lots).qtys, (p_lots).qtys), p_ratio_num, p_ratio_den) as s
          join unnest((p_lots).ticks, (p_lots).sessions) with ordinality as u (tick, session, nth)
            on u.nth = s.lot_seq
         where s.to_qty <> 0
    )
    select row(coalesce(array_agg(l.tick order by l.nth), '{}'),
               coalesce(array_agg(l.session order by l.nth), '{}'),
               coalesce(array_agg(l.to_qty order by l.nth), '{}'), false)::lab.lot_queue
      from lots as l;
$function$;

comment on function lab.split_lots(lab.lot_queue, bigint, bigint) is
$$The open lots of a symbol after a split, by the function that splits the lots of the ledger; one that
keeps no whole share is gone.$$;
