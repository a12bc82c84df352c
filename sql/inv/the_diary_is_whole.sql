create or replace view inv.the_diary_is_whole as
select c.run_id, format('%s event %s: %s', c.chain_id, v.event_seq, v.finding) as what
  from audit.chains as c
  cross join lateral audit.verify_chain(c.chain_id) as v;

comment on view inv.the_diary_is_whole is
$$I09: Every audit chain recomputes, links and ends at its head.$$;
