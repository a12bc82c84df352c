create or replace function ledger.list_due_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns setof md.corporate_actions
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from ledger.entries as o
      join run.universe as u using (run_id)
     cross join lateral md.list_actions_as_of(u.symbol, p_now_at) as a
     where o.run_id = p_run_id and o.entry_seq = 1
       and a.effective_at > o.booked_at and a.effective_at <= p_now_at
       and not exists (select from ledger.adjustments as d
                        where d.run_id = p_run_id and d.action_id = a.action_id)
     order by a.effective_at, a.action_kind, a.symbol collate "C";
$function$;

comment on function ledger.list_due_actions(uuid, timestamptz) is
$$Corporate actions of a run's symbols that have taken effect since its books were opened, and that the
books have not taken over. Of one morning a dividend comes before a split: it is paid for old shares.$$;
