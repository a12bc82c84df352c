create or replace view inv.a_bar_is_of_a_listing as
select null::uuid as run_id, format('%s %s', u.symbol, u.session_on) as what
  from md.list_unlisted_bars() as u;

comment on view inv.a_bar_is_of_a_listing is
$$I63: A stored bar is of a session on which its name was listed.$$;
